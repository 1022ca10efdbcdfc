/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.microvm.error.MicroVmException;
import dev.microvm.qmp.QmpException;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The directions and habits of docs/architecture.md, as rules. */
class ArchitectureTest {
    /** Hand-written client and generated vocabulary of one API: docs/adr/0009. */
    private static final Set<String> QMP_API =
            Set.of("dev.microvm.qmp", "dev.microvm.qmp.command", "dev.microvm.qmp.event", "dev.microvm.qmp.model");

    private static JavaClasses library;

    @BeforeAll
    static void readClasses() {
        library = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("/dev/microvm/examples/"))
                .importPackages("dev.microvm");
    }

    @Test
    void seesTheWholeLibrary() {
        assertThat(library.size()).as("an empty scan must not pass").isGreaterThan(150);
        assertThat(library.contain("dev.microvm.qmp.QmpClient")).isTrue();
        assertThat(library.contain("dev.microvm.virtiofs.Virtiofsd")).isTrue();
        assertThat(library.contain("dev.microvm.nix.StoreDatabase")).isTrue();
    }

    @Test
    void packagesHaveNoCycles() {
        slices().assignedFrom(new Slices()).should().beFreeOfCycles().check(library);
    }

    /** A slice for each package, but one for the packages of the QMP API. */
    private static final class Slices implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(QMP_API.contains(type.getPackageName()) ? "QMP API" : type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages, those of the QMP API as one";
        }
    }

    /** What is one slice for cycles must not draw the rest of the module into it. */
    @Test
    void theVocabularyOfQmpKnowsOnlyTheApi() {
        classes()
                .that()
                .resideInAnyPackage("dev.microvm.qmp.command", "dev.microvm.qmp.event", "dev.microvm.qmp.model")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(QMP_API.toArray(new String[0]))
                        .or(resideInAnyPackage("java..", "org.jspecify..")))
                .check(library);
    }

    @Test
    void specsKnowOnlyTheJdk() {
        classes()
                .that()
                .resideInAPackage("dev.microvm.spec")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.microvm.spec", "java..", "org.immutables..", "org.jspecify..")
                .check(library);
        noClasses()
                .that()
                .resideInAPackage("dev.microvm.spec")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.nio.file.Files")
                .check(library);
    }

    @Test
    void commonsExecStaysInProcessSupervision() {
        onlyIn("org.apache.commons.exec..", "dev.microvm.internal.process");
    }

    @Test
    void jacksonStaysInQmpAndTheJsonForm() {
        onlyIn("com.fasterxml.jackson..", "dev.microvm.qmp..", "dev.microvm.internal.json");
    }

    @Test
    void junixsocketStaysInTheTransport() {
        onlyIn("org.newsclub..", "dev.microvm.qmp.internal.transport");
    }

    @Test
    void sqliteStaysInNix() {
        onlyIn("org.sqlite..", "dev.microvm.nix..");
    }

    @Test
    void theRendererIsPure() {
        noClasses()
                .that()
                .resideInAPackage("dev.microvm.internal.qemu")
                .should()
                .dependOnClassesThat(new DescribedPredicate<JavaClass>("do I/O, read a clock or throw dice") {
                    @Override
                    public boolean test(JavaClass used) {
                        String name = used.getFullName();
                        return (name.startsWith("java.io.") && !name.equals("java.io.Serializable"))
                                || name.equals("java.nio.file.Files")
                                || name.equals("java.lang.ProcessBuilder")
                                || name.startsWith("java.time.Clock")
                                || name.startsWith("java.util.Random")
                                || name.startsWith("java.security.SecureRandom");
                    }
                })
                .check(library);
    }

    @Test
    void virtiofsAndNixNeverMeet() {
        noClasses()
                .that()
                .resideInAPackage("dev.microvm.virtiofs..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.microvm.nix..")
                .check(library);
        noClasses()
                .that()
                .resideInAPackage("dev.microvm.nix..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.microvm.virtiofs..")
                .check(library);
    }

    @Test
    void qmpKnowsNothingOfVms() {
        noClasses()
                .that()
                .resideInAPackage("dev.microvm.qmp..")
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("dev.microvm..").and(not(resideInAnyPackage("dev.microvm.qmp.."))))
                .check(library);
    }

    @Test
    void publicClassesCannotBeExtendedByAccident() {
        classes()
                .that()
                .arePublic()
                .and()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .and()
                .areNotRecords()
                .and()
                .haveSimpleNameNotEndingWith("Exception")
                .should()
                .haveModifier(JavaModifier.FINAL)
                .orShould()
                .haveModifier(JavaModifier.ABSTRACT)
                .check(library);
    }

    /** By name, for the JDK's classes are not read and so nothing is known to be assignable to its Exception. */
    @Test
    void exceptionsHaveTwoRoots() {
        classes()
                .that()
                .haveSimpleNameEndingWith("Exception")
                .and()
                .arePublic()
                .and()
                .resideOutsideOfPackages("..internal..", "dev.microvm.spi")
                .should()
                .beAssignableTo(MicroVmException.class)
                .orShould()
                .beAssignableTo(QmpException.class)
                .check(library);
    }

    /** The first logger takes 30 ms and opens every jar of the class path; a start that has nothing to say should not pay for it. */
    @Test
    void loggersAreAskedForWhenThereIsSomethingToSay() {
        noFields().should().haveRawType(System.Logger.class).check(library);
    }

    @Test
    void libraryWritesNoStandardStreamsAndNoJavaUtilLogging() {
        GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(library);
        GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(library);
    }

    @Test
    void namesSayWhatAThingIs() {
        // what is generated is called what QEMU calls it, "pr-manager-helper" for instance
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.microvm.qmp.command", "dev.microvm.qmp.event", "dev.microvm.qmp.model")
                .should()
                .haveNameMatching(".*(Utils?|Helper|Manager|Impl)$")
                .check(library);
    }

    @Test
    void packagesAreNullMarked() {
        assertThat(library.stream()
                        .map(type -> type.getPackage())
                        .distinct()
                        .filter(pack -> !pack.isAnnotatedWith("org.jspecify.annotations.NullMarked"))
                        .filter(pack -> !pack.getName().equals("dev"))
                        .map(pack -> pack.getName()))
                .isEmpty();
    }

    private static void onlyIn(String used, String... allowed) {
        noClasses()
                .that()
                .resideOutsideOfPackages(allowed)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(used)
                .check(library);
    }
}
