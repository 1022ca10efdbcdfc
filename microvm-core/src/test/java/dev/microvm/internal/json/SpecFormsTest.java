/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.AutoShare;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.PciPassthrough;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.TapNetwork;
import dev.microvm.spec.UserNetwork;
import dev.microvm.spec.VirtiofsMigration;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VirtiofsdOptions;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import dev.microvm.spec.VsockDevice;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An attribute added to a spec must not be forgotten in its JSON form. */
final class SpecFormsTest {
    static Stream<Map.Entry<Class<?>, ObjectForm<?, ?>>> forms() {
        return Stream.of(
                Map.entry(VmSpec.class, SpecForms.spec(new ExtensionForm(List.of()))),
                Map.entry(HostRoot.class, SpecForms.HOST_ROOT),
                Map.entry(KernelBoot.class, SpecForms.KERNEL_BOOT),
                Map.entry(AutoShare.class, ShareForms.AUTO),
                Map.entry(NinePShare.class, ShareForms.NINE_P),
                Map.entry(VirtiofsShare.class, ShareForms.VIRTIOFS),
                Map.entry(IdMap.class, ShareForms.ID_MAP),
                Map.entry(VirtiofsdOptions.class, ShareForms.DAEMON),
                Map.entry(VirtiofsMigration.class, ShareForms.MIGRATION),
                Map.entry(StoreOverlay.class, StorageForms.STORE_OVERLAY),
                Map.entry(Persistence.class, StorageForms.PERSISTENCE),
                Map.entry(Volume.class, StorageForms.VOLUME),
                Map.entry(UserNetwork.class, SpecForms.USER_NETWORK),
                Map.entry(TapNetwork.class, SpecForms.TAP_NETWORK),
                Map.entry(PortForward.class, SpecForms.PORT_FORWARD),
                Map.entry(VsockDevice.class, SpecForms.VSOCK),
                Map.entry(PciPassthrough.class, SpecForms.PASSTHROUGH));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void hasEveryAttribute(Map.Entry<Class<?>, ObjectForm<?, ?>> form) {
        List<String> attributes = Arrays.stream(form.getKey().getDeclaredMethods())
                .filter(method -> isAttribute(form.getKey(), method))
                .map(Method::getName)
                .distinct()
                .toList();
        assertThat(form.getValue().names()).containsExactlyInAnyOrderElementsOf(attributes);
    }

    /** What the builder sets, singly or as a list; other methods are derived from these. */
    private static boolean isAttribute(Class<?> type, Method method) {
        String name = method.getName();
        List<String> setters =
                List.of(name, "addAll" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1));
        return Arrays.stream(type.getDeclaredClasses())
                        .filter(nested -> nested.getSimpleName().equals("Builder"))
                        .flatMap(builder -> Arrays.stream(builder.getDeclaredMethods()))
                        .anyMatch(setter -> setters.contains(setter.getName()))
                && !Modifier.isStatic(method.getModifiers())
                && !method.isSynthetic()
                && method.getParameterCount() == 0
                && method.getReturnType() != void.class
                && method.getReturnType() != type
                && isSetSomewhere(type, method.getName());
    }

    /** What is derived from attributes is none: no builder sets it. */
    private static boolean isSetSomewhere(Class<?> type, String name) {
        String adder = "addAll" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
        return Arrays.stream(type.getDeclaredClasses())
                .filter(inner -> inner.getSimpleName().equals("Builder"))
                .flatMap(builder -> Arrays.stream(builder.getDeclaredMethods()))
                .map(Method::getName)
                .anyMatch(setter -> setter.equals(name) || setter.equals(adder));
    }
}
