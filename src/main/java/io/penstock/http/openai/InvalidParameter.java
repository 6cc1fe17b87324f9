package io.penstock.http.openai;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A fault of the body, with the path of the parameter that is at fault, such as {@code messages[2].content}. */
final class InvalidParameter extends PenstockException {
    private final String param;

    InvalidParameter(ErrorCode code, String detail, String param) {
        super(code, detail);
        this.param = param;
    }

    /** Something that the API has and Penstock has not. */
    static InvalidParameter unsupported(String param, String detail) {
        return new InvalidParameter(ErrorCode.PARAMETER_INVALID, detail, param);
    }

    static InvalidParameter malformed(String param, String detail) {
        return new InvalidParameter(ErrorCode.BODY_MALFORMED, detail, param);
    }

    /** What reading a parameter gives; what is wrong with it is put down to the parameter. */
    static <T extends @Nullable Object> T in(String param, Supplier<T> read) {
        try {
            return read.get();
        } catch (InvalidParameter e) {
            throw e;
        } catch (PenstockException e) {
            throw new InvalidParameter(e.code(), e.detail(), param);
        }
    }

    String param() {
        return param;
    }
}
