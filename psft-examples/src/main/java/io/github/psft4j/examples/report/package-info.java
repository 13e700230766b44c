/** Tables, commentary, plots and the HTML report of a comparison of SFT and PSFT. */
package io.github.psft4j.examples.report;
