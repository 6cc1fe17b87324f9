/**
 * Tests of reading documents.
 */
@NullMarked
package io.penstock.document;

import org.jspecify.annotations.NullMarked;
