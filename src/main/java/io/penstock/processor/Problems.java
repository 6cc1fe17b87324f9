package io.penstock.processor;

import io.penstock.error.ErrorCode;
import io.penstock.schema.ConfigProblem;
import java.util.ArrayList;
import java.util.List;

/** Gathers what is wrong with one configuration. A long list of alike faults is cut, since one fault repeats for each entry. */
final class Problems {
    private static final int MOST = 20;

    private final List<ConfigProblem> found = new ArrayList<>();

    void invalid(String field, String message) {
        add(ErrorCode.PROCESSOR_INVALID, field, message);
    }

    void add(ErrorCode code, String field, String message) {
        if (found.size() < MOST) {
            found.add(ConfigProblem.newBuilder()
                    .setCode(code.code())
                    .setField(field)
                    .setMessage(message)
                    .build());
        }
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    List<ConfigProblem> list() {
        return List.copyOf(found);
    }
}
