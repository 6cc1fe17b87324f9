package io.penstock.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** The table of attacks in the documentation and the tests that make them name the same ones. */
class AttackTableTest {
    private static final Pattern ROW = Pattern.compile("\\| `([a-z0-9-]+)` \\| ([^|]+) \\| ([^|]+) \\| `(\\w+)` \\|");
    private static final List<Class<?>> TESTS = List.of(
            AddressAttacksTest.class,
            RedirectAttacksTest.class,
            ResponseAttacksTest.class,
            TemplateAttacksTest.class,
            FileAttacksTest.class,
            TlsAttacksTest.class);

    @Test
    void shouldListEachAttackThatATestMakesAndNoOther() throws IOException {
        Map<String, String> made = new TreeMap<>();
        for (Class<?> test : TESTS) {
            for (Method method : test.getDeclaredMethods()) {
                Attack attack = method.getAnnotation(Attack.class);
                if (attack != null) {
                    assertThat(isRun(method))
                            .as(method + " is a test that runs")
                            .isTrue();
                    assertThat(made.put(attack.value(), test.getSimpleName()))
                            .as("another test of " + attack.value())
                            .isNull();
                }
            }
        }
        Map<String, String> listed = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("docs/security.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                assertThat(listed.put(row.group(1), row.group(4)))
                        .as("another row of " + row.group(1))
                        .isNull();
            }
        }

        assertThat(listed).isEqualTo(made).hasSizeGreaterThanOrEqualTo(30);
    }

    private static boolean isRun(Method method) {
        return (method.isAnnotationPresent(Test.class) || method.isAnnotationPresent(ParameterizedTest.class))
                && !method.isAnnotationPresent(Disabled.class);
    }
}
