/**
 * Avro in the Confluent wire format, and the client port of a schema registry.
 */
@NullMarked
package io.penstock.serde;

import org.jspecify.annotations.NullMarked;
