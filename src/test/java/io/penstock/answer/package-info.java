@NullMarked
package io.penstock.answer;

import org.jspecify.annotations.NullMarked;
