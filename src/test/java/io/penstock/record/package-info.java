@NullMarked
package io.penstock.record;

import org.jspecify.annotations.NullMarked;
