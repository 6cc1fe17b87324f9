/**
 * Kafka's own broker inside this process: what a laptop runs on when it is pointed at no other.
 */
@NullMarked
package io.penstock.broker;

import org.jspecify.annotations.NullMarked;
