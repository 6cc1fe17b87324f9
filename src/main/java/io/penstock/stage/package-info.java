/**
 * The durable asynchronous stage: slow calls that neither block a StreamThread nor are lost in a crash. Depends on Kafka Streams
 * alone, never on the rest of Penstock.
 */
@NullMarked
package io.penstock.stage;

import org.jspecify.annotations.NullMarked;
