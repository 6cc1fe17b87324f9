/**
 * Tests of the embedded registry on a real broker, and against others' clients.
 */
@NullMarked
package io.penstock.registry;

import org.jspecify.annotations.NullMarked;
