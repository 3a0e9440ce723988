using System.CommandLine;
using LlIcm.Cli.Files;
using LlIcm.Imaging;

namespace LlIcm.Cli.Commands;

/// <summary>The format that pictures are written in.</summary>
public sealed class PictureOutput
{
    private readonly Option<string?> _format = new("--format")
    {
        HelpName = "png|jpg|webp|avif|tiff",
        Description = "The format where -o names no file. Default: png.",
    };

    /// <summary>Adds the option to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_format);
        _format.Validators.Add(result =>
        {
            string? name = result.GetValueOrDefault<string?>();
            if (name is not null && !PictureFile.WritableExtensions.Contains("." + name, StringComparer.OrdinalIgnoreCase))
                result.AddError($"--format {name}: known are png, jpg, webp, avif and tiff");
        });
    }

    /// <summary>The extension of names that are not given, with its dot.</summary>
    public string Extension(ParseResult parsed) => "." + (parsed.GetValue(_format) ?? "png").ToLowerInvariant();

    /// <summary>Checks that <c>-o</c>, where it names a file, has an extension that can be written.</summary>
    /// <exception cref="CliException">It has not.</exception>
    public static void RequireWritable(string path)
    {
        if (path == InputFile.Stdio) return;
        try
        {
            PictureFile.FormatOf(path);
        }
        catch (PictureException error)
        {
            throw new CliException(ExitCode.Usage, error.Message, error);
        }
    }

    /// <summary>Encodes a picture for a path; standard output gets the chosen format.</summary>
    public byte[] Encode(Picture picture, string path, ParseResult parsed)
    {
        PictureFormat format = PictureFile.FormatOf(path == InputFile.Stdio ? "x" + Extension(parsed) : path);
        return PictureFile.Encode(picture, format);
    }
}
