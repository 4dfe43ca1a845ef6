using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Output;

return await EventFeaturesCommand.RunAsync(args, StandardOutput.Writer, Console.Error).ConfigureAwait(false);
