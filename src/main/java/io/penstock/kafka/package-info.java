/**
 * What Penstock says to Kafka: topic names and settings, client configuration, administration.
 */
@NullMarked
package io.penstock.kafka;

import org.jspecify.annotations.NullMarked;
