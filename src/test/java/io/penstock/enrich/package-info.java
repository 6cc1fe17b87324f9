@NullMarked
package io.penstock.enrich;

import org.jspecify.annotations.NullMarked;
