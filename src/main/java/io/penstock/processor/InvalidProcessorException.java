package io.penstock.processor;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.ConfigProblem;
import java.util.List;
import java.util.stream.Collectors;

/** A processor that cannot work, with everything that is wrong with it. */
public final class InvalidProcessorException extends PenstockException {
    private final transient List<ConfigProblem> problems;

    public InvalidProcessorException(List<ConfigProblem> problems) {
        super(
                ErrorCode.PROCESSOR_INVALID,
                problems.stream()
                        .map(problem -> problem.getField() + ": " + problem.getMessage())
                        .collect(Collectors.joining(" ")));
        this.problems = List.copyOf(problems);
    }

    public List<ConfigProblem> problems() {
        return problems;
    }

    /** Where the field of a problem is in the configuration: a JSON pointer (RFC 6901). */
    public static String pointer(String field) {
        StringBuilder pointer = new StringBuilder();
        String rest = field;
        String headers = "source.headers.";
        String header = null;
        if (rest.startsWith(headers)) { // the name of a header may hold a dot
            header = rest.substring(headers.length());
            rest = headers.substring(0, headers.length() - 1);
        }
        for (String part : rest.split("[.\\[]", -1)) {
            String name = part.endsWith("]") ? part.substring(0, part.length() - 1) : part;
            if (!rest.isEmpty()) {
                pointer.append('/').append(escaped(name));
            }
        }
        return header == null ? pointer.toString() : pointer + "/" + escaped(header);
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
