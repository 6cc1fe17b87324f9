package io.penstock.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The image is built from files that are there, runs as an ordinary user, and starts the JVM as the launcher does. */
class DockerfileTest {
    private static final Pattern JVM_OPTION = Pattern.compile("(?<=\\s|\\()--?[A-Za-z][^\\s)]*(?: jdk\\.[a-z.]+)?");

    private final List<String> instructions = instructions();

    /** One instruction each, lines that go on joined, comments left out. */
    private static List<String> instructions() {
        String text = Known.text(Path.of("docker/Dockerfile")).replaceAll("(?m)^#.*\n", "");
        return text.replaceAll("\\\\\n\\s*", " ")
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    private List<String> all(String instruction) {
        return instructions.stream()
                .filter(line -> line.startsWith(instruction + " "))
                .map(line -> line.substring(instruction.length() + 1).strip())
                .toList();
    }

    @Test
    void shouldBuildOnImagesOfOneExactVersion() {
        assertThat(all("FROM"))
                .hasSize(2)
                .allSatisfy(base -> assertThat(base.split(" ", -1)[0])
                        .matches("eclipse-temurin:25\\.[0-9]+\\.[0-9]+_[0-9]+-(jdk|jre)-noble"));
        assertThat(all("FROM").stream()
                        .map(base -> base.replaceAll("-(jdk|jre)-.*", ""))
                        .distinct())
                .as("built and run by the same release")
                .hasSize(1);
    }

    @Test
    void shouldRunAsAUserWithANumberThatOwnsTheDataFolderAlone() {
        assertThat(all("USER")).containsExactly("10001:10001");
        assertThat(instructions.indexOf("USER 10001:10001")).isGreaterThan(lastIndex("RUN"));
        assertThat(all("VOLUME")).containsExactly("/var/lib/penstock");
        assertThat(all("RUN").getLast()).contains("--owner=10001 --group=10001 --mode=0750 /var/lib/penstock");
        assertThat(all("COPY")).noneMatch(copy -> copy.contains("--chown"));
    }

    @Test
    void shouldTakeItsFilesFromTheSourceTree() {
        List<String> fromTree = all("COPY").stream()
                .filter(copy -> !copy.startsWith("--from="))
                .flatMap(copy -> Arrays.stream(copy.split(" ", -1)).limit(copy.split(" ", -1).length - 1))
                .toList();
        assertThat(fromTree).contains("pom.xml", "config", "topologies", "docs").allSatisfy(source -> {
            assertThat(Path.of(source)).exists();
            assertThat(isSentToTheEngine(source)).as(source).isTrue();
        });
    }

    @Test
    void shouldTakeAllOfTheBuiltApplicationWithItsDependenciesFirst() throws java.io.IOException {
        List<String> built = all("COPY").stream()
                .filter(copy -> copy.startsWith("--from=build "))
                .map(copy -> copy.split(" ", -1)[1].replace("/build/target/quarkus-app/", ""))
                .toList();
        assertThat(built).containsExactly("lib/", "quarkus-run.jar", "quarkus/", "app/");
        Path application = Path.of("target/quarkus-app");
        if (Files.isDirectory(application)) {
            try (var files = Files.list(application)) {
                assertThat(files.map(file -> file.getFileName() + (Files.isDirectory(file) ? "/" : "")))
                        .as("nothing of a built application is left out but its list of dependencies")
                        .filteredOn(name -> !name.equals("quarkus-app-dependencies.txt"))
                        .containsExactlyInAnyOrderElementsOf(built);
            }
        }
    }

    @Test
    void shouldSetOnlyVariablesThatPenstockReads() {
        assertThat(Pattern.compile("([A-Z_]+)=")
                        .matcher(String.join(" ", all("ENV")))
                        .results())
                .extracting(match -> match.group(1))
                .contains("PENSTOCK_HOST", "PENSTOCK_DATA")
                .isSubsetOf(Known.variables());
        assertThat(all("ENV").getFirst()).contains("PENSTOCK_HOST=0.0.0.0");
    }

    @Test
    void shouldLetSignalsReachTheJvm() {
        assertThat(all("ENTRYPOINT")).containsExactly("[\"/opt/penstock/bin/start.sh\"]");
        assertThat(Path.of("docker/start.sh")).isExecutable();
        List<String> commands = Known.text(Path.of("docker/start.sh"))
                .replaceAll("\\\\\n\\s*", " ")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
        assertThat(commands).singleElement().asString().startsWith("exec java ").endsWith("/quarkus-run.jar");
    }

    @Test
    void shouldGiveTheJvmTheOptionsOfTheLauncher() {
        String launcher = Known.text(Path.of("penstock"));
        int begin = launcher.indexOf("local options=(");
        List<String> expected = options(launcher.substring(begin, launcher.indexOf("exec ", begin)));
        assertThat(expected).contains("--enable-native-access=ALL-UNNAMED", "--add-modules jdk.incubator.vector");
        assertThat(options(Known.text(Path.of("docker/start.sh")))).containsAll(expected);
    }

    @Test
    void shouldAskTheApplicationForItsHealth() {
        assertThat(all("HEALTHCHECK")).singleElement().asString().endsWith("CMD [\"/opt/penstock/bin/health.sh\"]");
        assertThat(Path.of("docker/health.sh")).isExecutable();
        assertThat(all("EXPOSE")).containsExactly("8080");
    }

    /** What is given to the JVM but for its heap, which a container measures otherwise. */
    private static List<String> options(String script) {
        return JVM_OPTION
                .matcher(script.replaceAll("(?m)^\\s*#.*$", ""))
                .results()
                .map(MatchResult::group)
                .filter(option -> !option.startsWith("-Xmx") && !option.equals("-jar"))
                .toList();
    }

    private int lastIndex(String instruction) {
        int last = -1;
        for (int i = 0; i < instructions.size(); i++) {
            if (instructions.get(i).startsWith(instruction + " ")) {
                last = i;
            }
        }
        return last;
    }

    /** Whether {@code .dockerignore} lets a file through: the last line that fits decides. */
    private static boolean isSentToTheEngine(String source) {
        boolean sent = true;
        List<String> lines =
                new ArrayList<>(Known.text(Path.of(".dockerignore")).lines().toList());
        lines.removeIf(line -> line.isBlank() || line.startsWith("#"));
        for (String line : lines) {
            String pattern = line.startsWith("!") ? line.substring(1) : line;
            if (pattern.equals("*") || source.equals(pattern) || source.startsWith(pattern + "/")) {
                sent = line.startsWith("!");
            }
        }
        return sent;
    }
}
