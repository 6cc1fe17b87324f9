package io.penstock.run;

import io.penstock.error.ErrorCode;
import io.penstock.schema.Run;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunFailure;
import io.penstock.schema.RunSample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The failures of a run by their codes, and its rejections likewise: in the order of the codes, each with a few samples, the first by
 * record id, whatever the order in which they came.
 */
final class RunFailures {
    static final int SAMPLES = 5;
    private static final int LONGEST_MESSAGE = 500;
    private static final Comparator<RunSample> ORDER =
            Comparator.comparing(RunSample::getRecordId).thenComparing(RunSample::getMessage);

    private RunFailures() {}

    static String codeOf(RunEvent event) {
        return event.getCode() == null ? ErrorCode.INTERNAL.code() : event.getCode();
    }

    /** What was wrong, bounded. */
    static String messageOf(RunEvent event) {
        String message = event.getMessage() == null ? codeOf(event) : event.getMessage();
        return message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE - 1) + "…";
    }

    static void add(Run run, RunEvent event) {
        String id = event.getRecordId() == null ? "" : event.getRecordId();
        add(run, codeOf(event), new RunSample(id, messageOf(event)));
    }

    static void add(Run run, String code, RunSample sample) {
        run.setFailures(with(run.getFailures(), code, sample));
    }

    static void removeAll(Run run, String code) {
        run.setFailures(replaced(run.getFailures(), code, 0, List.of()));
    }

    /** With one more item. */
    static List<RunFailure> with(List<RunFailure> all, String code, RunSample sample) {
        Optional<RunFailure> known = find(all, code);
        List<RunSample> samples =
                new ArrayList<>(known.map(RunFailures::samples).orElse(List.of()));
        samples.add(sample);
        return replaced(all, code, known.map(RunFailure::getCount).orElse(0) + 1, samples);
    }

    /**
     * Without an item, which has this code no more.
     *
     * @param first finds the items that have a code, in the order of their record ids; asked when samples are missing now that were
     *     left out before
     */
    static List<RunFailure> without(
            List<RunFailure> all, String code, String recordId, Function<String, List<RunSample>> first) {
        Optional<RunFailure> known = find(all, code);
        if (known.isEmpty()) {
            return all;
        }
        int count = known.get().getCount() - 1;
        List<RunSample> samples = new ArrayList<>(samples(known.get()));
        boolean shown = samples.removeIf(sample -> sample.getRecordId().equals(recordId));
        if (shown && count > samples.size()) {
            samples.removeIf(sample -> !sample.getRecordId().isEmpty());
            samples.addAll(first.apply(code));
        }
        return replaced(all, code, count, samples);
    }

    private static Optional<RunFailure> find(List<RunFailure> all, String code) {
        return all.stream().filter(failure -> failure.getCode().equals(code)).findFirst();
    }

    /** A failure that was written before there were several samples has but the one. */
    private static List<RunSample> samples(RunFailure failure) {
        return failure.getSamples().isEmpty() ? List.of(new RunSample("", failure.getSample())) : failure.getSamples();
    }

    private static List<RunFailure> replaced(List<RunFailure> all, String code, int count, List<RunSample> samples) {
        List<RunFailure> failures = new ArrayList<>(all);
        failures.removeIf(failure -> failure.getCode().equals(code));
        if (count > 0) {
            List<RunSample> first =
                    samples.stream().sorted(ORDER).limit(SAMPLES).toList();
            failures.add(new RunFailure(code, count, first.isEmpty() ? "" : text(first.getFirst()), first));
            failures.sort(Comparator.comparing(RunFailure::getCode));
        }
        return failures;
    }

    private static String text(RunSample sample) {
        return (sample.getRecordId().isEmpty() ? "" : sample.getRecordId() + ": ") + sample.getMessage();
    }
}
