/**
 * Processors (configured captures): their configuration and which of them serve a segment.
 */
@NullMarked
package io.penstock.processor;

import org.jspecify.annotations.NullMarked;
