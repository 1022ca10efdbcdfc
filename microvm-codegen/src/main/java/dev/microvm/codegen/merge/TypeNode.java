/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.merge;

import dev.microvm.codegen.schema.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A type of one of the schemas that are merged.
 *
 * @param schema the schema
 * @param name the type's name in it
 */
record TypeNode(Schema schema, String name) {
    Schema.Type type() {
        return schema.type(name);
    }

    TypeNode sibling(String other) {
        return new TypeNode(schema, other);
    }

    /** Arrays have no names of their own; what is in them may. */
    TypeNode withoutArrays() {
        return type() instanceof Schema.ArrayType array
                ? sibling(array.element()).withoutArrays()
                : this;
    }

    /** Whether it becomes a Java type. The empty object, of which each schema has one, stands for many things. */
    boolean isNamed() {
        Schema.Type type = type();
        return type instanceof Schema.ObjectType object
                ? !object.isEmpty()
                : type instanceof Schema.EnumType || type instanceof Schema.AlternateType;
    }

    /** A schema is known by its release; comparing all that is in it would take long. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TypeNode that
                && schema.version().equals(that.schema.version())
                && name.equals(that.name);
    }

    @Override
    public int hashCode() {
        return schema.version().hashCode() * 31 + name.hashCode();
    }

    @Override
    public String toString() {
        return schema.version() + ":" + name;
    }
}
