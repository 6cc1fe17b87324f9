/**
 * The topology host: several Kafka Streams instances in one application, each described by a file, supervised, and closed in\n * order.
 */
@NullMarked
package io.penstock.topology;

import org.jspecify.annotations.NullMarked;
