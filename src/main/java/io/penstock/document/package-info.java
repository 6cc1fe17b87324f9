/**
 * Text out of documents such as PDF, Office files and e-mails, read in processes of their own.
 */
@NullMarked
package io.penstock.document;

import org.jspecify.annotations.NullMarked;
