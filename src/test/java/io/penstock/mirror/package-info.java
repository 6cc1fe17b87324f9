/**
 * Mirrors against real servers that can be made to fail.
 */
@NullMarked
package io.penstock.mirror;

import org.jspecify.annotations.NullMarked;
