package io.penstock.registry;

/**
 * A schema that a caller sent.
 *
 * @param id the id it bears elsewhere, or {@link #NONE}
 * @param version the number it is to have, or {@link #NONE}
 */
record SchemaRequest(SchemaContent content, int id, int version) {
    static final int NONE = -1;

    boolean isImport() {
        return id != NONE;
    }
}
