/**
 * Tests of the client settings, and of the topics made on a real broker.
 */
@NullMarked
package io.penstock.kafka;

import org.jspecify.annotations.NullMarked;
