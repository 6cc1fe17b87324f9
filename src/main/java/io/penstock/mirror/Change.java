package io.penstock.mirror;

import org.apache.avro.specific.SpecificRecord;

/** One thing that a mirror has to do. Doing it twice is the same as doing it once. */
sealed interface Change {
    MirrorSource source();

    /** The key in the source. */
    String key();

    /** The key has this value now. */
    record Upsert(MirrorSource source, String key, SpecificRecord value) implements Change {}

    /** The key is gone. */
    record Delete(MirrorSource source, String key) implements Change {}

    /** The Penstock topic that a chunk or record belongs to: what its key begins with. */
    default String topic() {
        int end = key().indexOf('/');
        return end < 0 ? key() : key().substring(0, end);
    }
}
