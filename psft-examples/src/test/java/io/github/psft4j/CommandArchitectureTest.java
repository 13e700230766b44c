package io.github.psft4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rules about the packages of the command and the programs. */
@AnalyzeClasses(
        packages = {
            "io.github.psft4j.cli",
            "io.github.psft4j.config",
            "io.github.psft4j.bench",
            "io.github.psft4j.serve",
            "io.github.psft4j.examples"
        },
        importOptions = ImportOption.DoNotIncludeTests.class)
class CommandArchitectureTest {

    @ArchTest
    static final ArchRule packagesFormNoCycle =
            slices().matching("io.github.psft4j.(**)").should().beFreeOfCycles();

    /** The protocol can be read and tested without a connection. */
    @ArchTest
    static final ArchRule onlyTheTransportSeesNetty = noClasses()
            .that()
            .resideOutsideOfPackage("io.github.psft4j.serve.http..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..");

    /** Programs show how to use the library; the command is no part of that. */
    @ArchTest
    static final ArchRule programsDoNotUseTheCommand = noClasses()
            .that()
            .resideInAPackage("io.github.psft4j.examples..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.github.psft4j.cli..");
}
