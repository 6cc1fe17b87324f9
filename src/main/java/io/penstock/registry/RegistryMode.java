package io.penstock.registry;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What may be written under a subject. Named as Confluent names them. */
enum RegistryMode {
    /** Schemas are registered, and the registry gives the ids. */
    READWRITE,
    /** Nothing is written. */
    READONLY,
    /** Set for all: nothing is written, whatever a subject's own mode says. */
    READONLY_OVERRIDE,
    /** Schemas are registered with ids and versions that they bear elsewhere. */
    IMPORT;

    boolean isReadOnly() {
        return this == READONLY || this == READONLY_OVERRIDE;
    }

    static RegistryMode of(String name) {
        for (RegistryMode mode : values()) {
            if (mode.name().equals(name.toUpperCase(Locale.ROOT))) {
                return mode;
            }
        }
        throw new RegistryException(
                RegistryException.INVALID_MODE,
                "Invalid mode '" + RegistryException.shortened(name) + "'. Valid values are "
                        + Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", ")) + ".");
    }
}
