package io.penstock.seed;

import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ScheduleEntry;
import java.util.List;

/**
 * Everything in the configuration folder, by file in the order of their names, and what could not be read. A file is missing
 * from the lists only when none of it could be read.
 */
public record Seeds(
        List<SeedFile<CatalogRequest>> catalog,
        List<SeedFile<ProcessorEntry>> processors,
        List<SeedFile<ScheduleEntry>> schedules,
        List<SeedProblem> problems) {
    public Seeds {
        catalog = List.copyOf(catalog);
        processors = List.copyOf(processors);
        schedules = List.copyOf(schedules);
        problems = List.copyOf(problems);
    }
}
