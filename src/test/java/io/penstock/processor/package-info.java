@NullMarked
package io.penstock.processor;

import org.jspecify.annotations.NullMarked;
