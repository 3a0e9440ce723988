using System.CommandLine;
using LlIcm.Cli.Files;
using LlIcm.Imaging;
using LlIcm.Quality;

namespace LlIcm.Cli.Commands;

/// <summary>The pictures that <c>compare</c> draws on request: heat maps of the error, and pictures or crops side by side.</summary>
public sealed class ComparisonDrawings
{
    private const int MaxZoom = 16;

    private readonly Option<string?> _heatMap = new("--heatmap")
    {
        HelpName = "FILE|FOLDER/",
        Description = "Write a picture of where they differ: dark is equal, bright differs most. A folder gets NAME.heatmap.png for each.",
    };

    private readonly Option<string?> _sideBySide = new("--side-by-side")
    {
        HelpName = "FILE|FOLDER/",
        Description = "Write a picture of all, labelled. A folder gets NAME.compare.png, with the original, for each.",
    };

    private readonly Option<CropArea?> _crop = new("--crop")
    {
        HelpName = "WxH[+X+Y]",
        Description = "Show only this part side by side; without a place the part that differs most.",
        CustomParser = result =>
        {
            CropArea? area = CropArea.Parse(result.Tokens[0].Value);
            if (area is null) result.AddError($"--crop {result.Tokens[0].Value}: not WxH or WxH+X+Y, as 128x96+40+0");
            return area;
        },
    };

    private readonly Option<int> _zoom = new("--zoom")
    {
        HelpName = "N",
        Description = $"Show each pixel of the pictures side by side as N x N, 1 to {MaxZoom}.",
        DefaultValueFactory = _ => 1,
    };

    private readonly List<(string Label, Picture Picture)> _panels = [];
    private Dictionary<InputFile, string> _maps = [], _sheets = [];
    private string? _sheet;
    private string _originalName = "";
    private CropArea? _area;
    private int _factor = 1;

    /// <summary>All files that will be written.</summary>
    public IEnumerable<string> Paths => [.. _maps.Values, .. _sheets.Values, .. _sheet is null ? Array.Empty<string>() : [_sheet]];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_heatMap);
        command.Add(_sideBySide);
        command.Add(_crop);
        command.Add(_zoom);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_sideBySide) is null && (result.GetResult(_crop) ?? result.GetResult(_zoom)) is { Implicit: false })
                result.AddError("--crop and --zoom are for --side-by-side");
        });
        _zoom.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, out int zoom) || zoom is < 1 or > MaxZoom))
                result.AddError($"--zoom takes 1 to {MaxZoom}");
        });
    }

    /// <summary>Plans what goes where; nothing is touched.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="inputs">What is compared.</param>
    /// <param name="original">The original of all, or null where each has its own.</param>
    /// <exception cref="CliException">A path cannot be used.</exception>
    public void Plan(ParseResult parsed, InputList inputs, InputFile? original)
    {
        string? map = parsed.GetValue(_heatMap), sheet = parsed.GetValue(_sideBySide);
        (_area, _factor) = (parsed.GetValue(_crop), parsed.GetValue(_zoom));
        _originalName = original is null ? "" : Path.GetFileName(original.Path);
        if (map is not null)
        {
            if (!IsFolder(map) && inputs.Files.Count > 1)
                throw CliException.Usage("--heatmap FILE shows one picture against its original; for several name a folder (--heatmap maps/)");
            _maps = inputs.Files.ToDictionary(input => input, input => IsFolder(map) ? Path.Combine(map, input.Stem + ".heatmap.png") : map);
        }
        if (sheet is not null && !IsFolder(sheet))
        {
            if (original is null && inputs.Files.Count > 1)
                throw CliException.Usage("--side-by-side FILE shows pictures of one original; for several name a folder (--side-by-side sheets/)");
            _sheet = sheet;
        }
        else if (sheet is not null)
        {
            _sheets = inputs.Files.ToDictionary(input => input, input => Path.Combine(sheet, input.Stem + ".compare.png"));
        }
        foreach (string path in Paths) PictureOutput.RequireWritable(path);
        if (Paths.Contains(InputFile.Stdio)) throw CliException.Usage("pictures of a comparison go to files, not to -");
        InputFile first = original ?? inputs.Files[0];
        OutputPlan.RequireDistinct(
            [
                .. _maps.Select(each => (each.Key, each.Value)), .. _sheets.Select(each => (each.Key, each.Value)),
                .. _sheet is null ? Array.Empty<(InputFile, string)>() : [(first, _sheet)],
            ],
            original is null ? inputs : new InputList([original, .. inputs.Files], true));
    }

    /// <summary>Draws what belongs to one input.</summary>
    /// <returns>The difference, in 8-bit levels, that the heat map's brightest colour stands for; null where none is drawn.</returns>
    /// <exception cref="CliException">A file cannot be written, or the crop lies outside.</exception>
    public double? Draw(Job job, InputFile input, Picture first, Picture second)
    {
        double? brightest = null;
        if (_maps.TryGetValue(input, out string? path))
        {
            float[] errors = FullReference.ErrorMap(first, second);
            // Equal pictures give a map that is dark all over.
            float largest = Math.Max(1, errors.Max());
            job.Write((path, Encode(PictureDrawing.HeatMap(errors, first.Width, first.Height, 0, largest), path)));
            brightest = largest;
        }
        string label = Path.GetFileName(input.Path);
        if (_sheets.TryGetValue(input, out string? sheet)) Write(job, sheet, [("original", first), (label, second)]);
        if (_sheet is null) return brightest;
        if (_panels.Count == 0) _panels.Add((_originalName.Length > 0 ? _originalName : "original", first));
        _panels.Add((label, second));
        return brightest;
    }

    /// <summary>Draws what shows all inputs.</summary>
    /// <exception cref="CliException">The file cannot be written, or the crop lies outside.</exception>
    public void Finish(Job job)
    {
        if (_sheet is not null && _panels.Count > 1) Write(job, _sheet, _panels);
    }

    private void Write(Job job, string path, IReadOnlyList<(string Label, Picture Picture)> panels)
    {
        if (_area is not null)
        {
            Picture first = panels[0].Picture;
            var errors = new float[first.Width * first.Height];
            foreach ((_, Picture picture) in panels.Skip(1))
                foreach ((int i, float error) in FullReference.ErrorMap(first, picture).Index())
                    errors[i] = MathF.Sqrt(errors[i] * errors[i] + error * error);
            (int x, int y, int width, int height) = _area.In(first.Width, first.Height, errors);
            panels = [.. panels.Select(panel => (panel.Label, PictureDrawing.Crop(panel.Picture, x, y, width, height)))];
        }
        if (_factor > 1) panels = [.. panels.Select(panel => (panel.Label, PictureDrawing.Enlarge(panel.Picture, _factor)))];
        // Who asks for pixels gets all of them.
        int rows = _area is null && _factor == 1 ? 1024 : int.MaxValue;
        job.Write((path, Encode(PictureDrawing.SideBySide(panels, rows), path)));
    }

    private static bool IsFolder(string path) => path.Length > 0 && (path[^1] == '/' || Directory.Exists(path));

    private static byte[] Encode(Picture picture, string path) => PictureFile.Encode(picture, PictureFile.FormatOf(path));
}
