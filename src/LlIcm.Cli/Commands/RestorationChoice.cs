using System.CommandLine;
using System.CommandLine.Parsing;
using LlIcm.Cli.Files;
using LlIcm.Container;
using LlIcm.Imaging;
using LlIcm.Restoration;

namespace LlIcm.Cli.Commands;

/// <summary>How a picture is restored.</summary>
public sealed class RestorationChoice
{
    private readonly Option<RestorationTask?> _task = Choices.Option<RestorationTask>(
        "--task", "What to repair. Default: auto, whatever is recognised.", "auto");

    private readonly Option<string?> _mask = new("--mask")
    {
        HelpName = "FILE",
        Description = "For inpainting: a picture of the same size, white where pixels are kept, black where they are missing.",
    };

    private readonly Option<bool> _findHoles = new("--find-holes")
    {
        Description = "For inpainting: take what is painted pure white as missing.",
    };

    private readonly Option<bool> _noGuidance = new("--no-guidance")
    {
        Description = "Restore without the degradation's embedding, to see what it is good for.",
    };

    private readonly Option<int?> _steps = new("--steps")
    {
        HelpName = "N",
        Description = "Evaluations of the restorer: more take longer. Default: the model's.",
    };

    private readonly Option<SamplerKind?> _sampler = Choices.Option<SamplerKind>(
        "--sampler", "How the steps are taken. Default: the model's.");

    private readonly Option<ulong> _seed = new("--seed")
    {
        HelpName = "N",
        Description = "Seed of the restorer's noise: the same seed gives the same picture.",
        DefaultValueFactory = _ => 0,
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command, CommonOptions common)
    {
        command.Add(_task);
        command.Add(_mask);
        command.Add(_findHoles);
        command.Add(_noGuidance);
        command.Add(_steps);
        command.Add(_sampler);
        command.Add(_seed);
        Choices.Require(_steps, steps => steps is >= 1 and <= 1000, "--steps takes 1 to 1000");
        command.Validators.Add(result =>
        {
            if (result.GetResult(_mask) is not null && result.GetResult(_findHoles) is { Implicit: false })
                result.AddError("only one of --mask and --find-holes can be given");
        });
    }

    /// <summary>Whether any of the options was given.</summary>
    public bool IsGiven(CommandResult result) =>
        new Option[] { _task, _mask, _findHoles, _noGuidance, _steps, _sampler, _seed }
            .Any(option => result.GetResult(option) is { Implicit: false });

    /// <summary>The library's options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="CliException">The mask cannot be read.</exception>
    /// <exception cref="PictureException">The mask is no picture.</exception>
    public RestoreOptions Options(ParseResult parsed) => new()
    {
        Task = parsed.GetValue(_task),
        Mask = parsed.GetValue(_mask) is { } path
            ? PictureFile.Load(new InputFile(path).Read(), path)
            : null,
        FindPaintedHoles = parsed.GetValue(_findHoles),
        Guided = !parsed.GetValue(_noGuidance),
        Steps = parsed.GetValue(_steps),
        Sampler = parsed.GetValue(_sampler),
        Seed = parsed.GetValue(_seed),
    };

    /// <summary>Restores.</summary>
    /// <param name="model">The model.</param>
    /// <param name="picture">What to restore.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Receives the share done.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <exception cref="CliException">The mask has another size than the picture.</exception>
    public static RestorationResult Restore(
        LlIcmModel model, Picture picture, RestoreOptions options, IProgress<double> progress, CancellationToken cancellation)
    {
        if (options.Mask is { } mask && (mask.Width != picture.Width || mask.Height != picture.Height))
            throw new CliException(
                ExitCode.Impossible,
                $"the mask has {mask.Width}x{mask.Height} pixels, the picture {picture.Width}x{picture.Height}");
        return new PictureRestorer(model).Restore(picture, options, progress, cancellation);
    }

    /// <summary>What a file's hint asks for; null where it has none.</summary>
    public static RestorationTask? TaskOf(TaskHint hint) =>
        Enum.TryParse(hint.ToString(), out RestorationTask task) && Enum.IsDefined(task) ? task : null;
}
