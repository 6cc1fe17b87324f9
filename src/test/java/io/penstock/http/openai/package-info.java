/** Tests of what answers in the form of OpenAI's API. */
@NullMarked
package io.penstock.http.openai;

import org.jspecify.annotations.NullMarked;
