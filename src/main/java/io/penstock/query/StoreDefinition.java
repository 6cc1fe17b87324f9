package io.penstock.query;

import java.util.function.Function;

/**
 * A store that can be read over HTTP.
 *
 * @param name of the store
 * @param home where it lives
 * @param perPartition whether a key means something within its partition only; then it is shown behind the names of the topology
 *     instance and the partition: {@code instance/partition/key}
 * @param key the store's key for a key in text
 * @param keyText the text of a key
 * @param value what a stored value stands for: an Avro record, or a map of plain values
 * @param format how such a value travels
 */
public record StoreDefinition(
        String name,
        StoreHome home,
        boolean perPartition,
        Function<String, Object> key,
        Function<Object, String> keyText,
        Function<Object, Object> value,
        ValueFormat format) {}
