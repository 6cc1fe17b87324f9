/** What test classes share. */
@NullMarked
package io.penstock.shared;

import org.jspecify.annotations.NullMarked;
