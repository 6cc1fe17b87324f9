package io.penstock;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The directions of dependencies: from the edges (HTTP, wiring) over the stages down to the ports and the model.
 *
 * <pre>
 * app  >  http  >  gateway, query, mirror, seed, topology  >  stages  >  foundations  >  model
 * </pre>
 */
class ArchitectureTest {
    private static final String ROOT = "io.penstock";

    /** What everything may use and what uses nothing but each other. */
    private static final List<String> MODEL = List.of("error", "record", "schema");

    /** Concerns that stages share. They know of no stage. */
    private static final List<String> FOUNDATIONS = List.of(
            "serde",
            "kafka",
            "broker",
            "registry",
            "deadletter",
            "stage",
            "embedding",
            "answer",
            "table",
            "cluster",
            "document");

    /** Each of these talks to the others through Kafka topics and state stores, never by a call. */
    static final List<String> STAGES = List.of("alert", "capture", "enrich", "ingest", "chat", "schedule");

    /** Catalog, configuration, state and search that stages read. */
    private static final List<String> SHARED = List.of("catalog", "processor", "run", "vector");

    private static final List<String> EDGES =
            List.of("topology", "gateway", "query", "mirror", "seed", "http", "app", "cli");

    private static final List<String> FRAMEWORK = List.of(
            "io.quarkus..",
            "io.smallrye..",
            "jakarta.enterprise..",
            "jakarta.inject..",
            "jakarta.ws.rs..",
            "org.eclipse.microprofile..",
            "org.jboss.resteasy..");

    private static JavaClasses penstock;

    @BeforeAll
    static void readClasses() {
        penstock = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(ROOT);
    }

    @Test
    void shouldKnowEveryPackage() {
        TreeSet<String> known = new TreeSet<>();
        Stream.of(MODEL, FOUNDATIONS, SHARED, STAGES, EDGES).forEach(known::addAll);

        assertThat(penstock.stream()
                        .map(JavaClass::getPackageName)
                        .filter(name -> !name.equals(ROOT))
                        .map(name -> name.substring(ROOT.length() + 1).split("\\.", 2)[0])
                        .distinct())
                .as("packages; a new one needs a place in this test")
                .isNotEmpty()
                .isSubsetOf(known);
    }

    @Test
    void shouldHaveNoCyclesBetweenPackages() {
        check(slices().matching(ROOT + ".(*)..").should().beFreeOfCycles());
    }

    @Test
    void shouldKeepTheModelFreeOfEverythingElse() {
        check(noClasses()
                .that(resideInAnyPackage(in(MODEL)))
                .should()
                .dependOnClassesThat(ours(MODEL))
                .because("names, codes and schemas are what all else is built on"));
    }

    @Test
    void shouldKeepTheStageUsableWithoutPenstock() {
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + ".stage..")
                .should()
                .dependOnClassesThat(ours(List.of("stage")))
                .because("the durable asynchronous stage depends on Kafka alone"));
    }

    @Test
    void shouldLetNoFoundationKnowAStageOrAnEdge() {
        check(noClasses()
                .that(resideInAnyPackage(in(both(MODEL, FOUNDATIONS))))
                .should()
                .dependOnClassesThat(resideInAnyPackage(in(both(STAGES, EDGES)))));
    }

    @Test
    void shouldLetNoStageKnowAnEdgeOtherThanItsHost() {
        check(noClasses()
                .that(resideInAnyPackage(in(both(STAGES, SHARED))))
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(in(List.of("gateway", "query", "mirror", "seed", "http", "app", "cli")))));
    }

    @ParameterizedTest
    @FieldSource("STAGES")
    void shouldConnectStagesByKafkaTopicsOnly(String stage) {
        String[] others =
                in(STAGES.stream().filter(other -> !other.equals(stage)).toList());
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + "." + stage + "..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(others)));
    }

    @Test
    void shouldKeepTheFrameworkAtTheEdges() {
        check(noClasses()
                .that(not(resideInAnyPackage(in(List.of("app", "http", "registry")))))
                .should()
                .dependOnClassesThat(resideInAnyPackage(FRAMEWORK.toArray(String[]::new)))
                .because("stages are plain Java: they are wired in app and can be tested without Quarkus"));
    }

    @Test
    void shouldLetNothingDependOnTheWiring() {
        check(classes()
                .that()
                .resideInAPackage(ROOT + ".app..")
                .should()
                .onlyHaveDependentClassesThat()
                .resideInAPackage(ROOT + ".app.."));
    }

    @Test
    void shouldKeepTheCommandLineApartFromTheApplication() {
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + ".cli..")
                .should()
                .dependOnClassesThat(ours(List.of("cli")))
                .because("it starts in a process of its own with four jars beside ours, and knows the HTTP API alone"));
        check(classes()
                .that()
                .resideInAPackage(ROOT + ".cli..")
                .should()
                .onlyHaveDependentClassesThat()
                .resideInAPackage(ROOT + ".cli.."));
    }

    @Test
    void shouldLetOnlyTheWiringKnowHttp() {
        check(classes()
                .that()
                .resideInAPackage(ROOT + ".http..")
                .should()
                .onlyHaveDependentClassesThat()
                .resideInAnyPackage(ROOT + ".http..", ROOT + ".app.."));
    }

    /** A rule about a package that is not there yet holds. */
    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(penstock);
    }

    /** Penstock's classes that are in none of the packages. */
    private static DescribedPredicate<JavaClass> ours(List<String> allowed) {
        return resideInAPackage(ROOT + "..")
                .and(not(resideInAnyPackage(in(allowed))))
                .as("reside in a package of Penstock other than %s", allowed);
    }

    private static String[] in(List<String> packages) {
        return packages.stream().map(name -> ROOT + "." + name + "..").toArray(String[]::new);
    }

    private static List<String> both(List<String> one, List<String> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }
}
