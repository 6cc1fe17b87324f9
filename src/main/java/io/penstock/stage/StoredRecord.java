package io.penstock.stage;

/** A pending record as stored, with its key and value read. */
record StoredRecord<K, V>(PendingEntry entry, K key, V value) {}
