@NullMarked
package io.penstock.capture;

import org.jspecify.annotations.NullMarked;
