package io.penstock.stage;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.common.header.Headers;

/**
 * A stage function whose calls answer what the test says. Values that start with {@code fence:} are fences for every value that
 * contains the rest.
 */
class ScriptedFunction implements StageFunction<String, String, String> {
    final List<Prepared> prepared = new ArrayList<>();
    final List<Prepared> calls = new ArrayList<>();
    final Map<String, Provider> providers = new HashMap<>();
    final Map<String, Callable<Step<String>>> steps = new HashMap<>();
    /** By value; others are in the lane of their key. */
    final Map<String, Object> lanes = new HashMap<>();

    static final class Prepared {
        final String value;
        final int attempt;
        final Headers headers;
        Callable<String> answer = () -> {
            throw new IllegalStateException("not yet answered");
        };

        Prepared(String value, int attempt, Headers headers) {
            this.value = value;
            this.attempt = attempt;
            this.headers = headers;
        }
    }

    @Override
    public Provider provider(String key, String value) {
        return providers.getOrDefault(value, Provider.UNLIMITED);
    }

    @Override
    public Object lane(String key, String value) {
        return lanes.getOrDefault(value, key);
    }

    @Override
    public Step<String> prepare(String key, String value, Headers headers, int attempt) {
        Prepared one = new Prepared(value, attempt, headers);
        prepared.add(one);
        Callable<Step<String>> step = steps.get(value);
        if (step != null) {
            try {
                return step.call();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        calls.add(one);
        return new Step.Call<>(_ -> one.answer.call());
    }

    @Override
    public boolean isFence(String key, String value) {
        return value.startsWith("fence:");
    }

    @Override
    public boolean fences(String fence, String pendingKey, String pendingValue) {
        return pendingValue.contains(fence.substring("fence:".length()));
    }
}
