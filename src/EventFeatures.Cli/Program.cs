using EventFeatures.Cli.CommandLine;

return await EventFeaturesCommand.RunAsync(args, Console.Out, Console.Error).ConfigureAwait(false);
