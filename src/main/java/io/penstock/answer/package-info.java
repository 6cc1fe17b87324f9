/**
 * Answerers: what turns retrieved passages into an answer with citations.
 */
@NullMarked
package io.penstock.answer;

import org.jspecify.annotations.NullMarked;
