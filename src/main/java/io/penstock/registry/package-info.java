/**
 * The embedded schema registry: Confluent's REST API over a compacted Kafka topic in Confluent's record format.
 */
@NullMarked
package io.penstock.registry;

import org.jspecify.annotations.NullMarked;
