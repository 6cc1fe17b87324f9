package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import org.jspecify.annotations.Nullable;

/** Failures that several sources share. */
final class Failures {
    private Failures() {}

    static CallException tooLarge(String what, int limitBytes) {
        return CallException.permanent(
                ErrorCode.RECORD_TOO_LARGE.code(),
                what + " is larger than " + limitBytes + " bytes, the most that one record can hold.");
    }

    /** What a library says, to stand in a sentence of ours: without a full stop of its own. */
    static String clause(@Nullable String message) {
        String text = String.valueOf(message).strip();
        while (text.endsWith(".")) {
            text = text.substring(0, text.length() - 1);
        }
        return text;
    }

    static CallException refused(String message) {
        return CallException.permanent(ErrorCode.CAPTURE_REFUSED.code(), message);
    }
}
