/**
 * Topics and segments: what exists, its state and its incarnation.
 */
@NullMarked
package io.penstock.catalog;

import org.jspecify.annotations.NullMarked;
