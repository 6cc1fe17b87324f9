package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;

/** Failures that several sources share. */
final class Failures {
    private Failures() {}

    static CallException tooLarge(String what, int limitBytes) {
        return CallException.permanent(
                ErrorCode.RECORD_TOO_LARGE.code(),
                what + " is larger than " + limitBytes + " bytes, the most that one record can hold.");
    }

    static CallException refused(String message) {
        return CallException.permanent(ErrorCode.CAPTURE_REFUSED.code(), message);
    }
}
