package io.penstock.query;

import java.util.function.Function;

/**
 * A store that can be read over HTTP.
 *
 * @param name of the store
 * @param topology of the topology that hosts it; one that has several instances hosts it in each
 * @param global whether every instance holds it whole
 * @param perPartition whether a key means something within its partition only; then it is shown behind the names of the topology
 *     instance and the partition: {@code instance/partition/key}
 * @param key the store's key for a key in text
 * @param keyText the text of a key
 * @param value what a stored value stands for: an Avro record, or a map of plain values
 */
public record StoreDefinition(
        String name,
        String topology,
        boolean global,
        boolean perPartition,
        Function<String, Object> key,
        Function<Object, String> keyText,
        Function<Object, Object> value) {}
