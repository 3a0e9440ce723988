using System.CommandLine;
using System.Text.Json.Nodes;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Container;
using LlIcm.Imaging;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm info</c>: what files say of themselves. Needs no model and no libtorch; libvips only for pictures.</summary>
public static class InfoCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var common = new CommonOptions();
        var command = new Command("info", "Tell what .llic files (or pictures) hold. Checks every checksum; needs no model.");
        common.AddTo(command, model: false, output: false);
        command.SetAction(parsed => (int)Run(parsed, common));
        return command;
    }

    private static ExitCode Run(ParseResult parsed, CommonOptions common)
    {
        InputList inputs = InputList.Expand(parsed.GetRequiredValue(common.Inputs), InputKind.Llic | InputKind.Pictures);
        Report report = Reports.For(parsed, common);
        using var job = new Job(parsed, common, report);
        return job.ForEach(inputs.Files, (input, _) =>
        {
            byte[] data = input.Read();
            bool llic = Llic.IsLlic(data) || Path.GetExtension(input.Path).Equals(".llic", StringComparison.OrdinalIgnoreCase);
            if (llic) Say(report, input, Llic.Identify(input, data));
            else Say(report, input, PictureFile.Identify(data, input.Path), data.Length);
        });
    }

    private static void Say(Report report, InputFile input, LlicInfo info)
    {
        LlicHeader header = info.Header;
        int alpha = SizeOf(info, SegmentType.Alpha), holes = SizeOf(info, SegmentType.Holes);
        var json = new JsonObject
        {
            ["input"] = input.Path,
            ["ok"] = true,
            ["format"] = "llic",
            ["width"] = header.Width,
            ["height"] = header.Height,
            ["bytes"] = info.FileBytes,
            ["bpp"] = Json.Number(info.BitsPerPixel, 6),
            ["quality"] = header.Quality == 0 ? null : Json.Number(header.Quality, 6),
            ["model"] = header.Model.ToString(),
            ["grey"] = header.IsGrey,
            ["alpha"] = header.HasAlpha,
            ["task"] = header.Degradation?.Task(),
            ["hyper_bytes"] = info.HyperBytes,
            ["latent_bytes"] = info.LatentBytes,
            ["boundary_bytes"] = info.BoundaryBytes,
            ["boundary_count"] = info.BoundaryCount,
            ["alpha_bytes"] = alpha,
            ["holes_bytes"] = holes,
            ["exif"] = Has(info, SegmentType.Exif),
            ["xmp"] = Has(info, SegmentType.Xmp),
        };
        report.Success(json, text =>
        {
            text.WriteLine(Display.Text(
                $"{input.Path}: {header.Width}x{header.Height}{(header.IsGrey ? " grey" : "")}{(header.HasAlpha ? " with alpha" : "")}, {Display.Bytes(info.FileBytes)}, {info.BitsPerPixel:0.000} bpp"));
            text.WriteLine(Display.Text($"  quality     {(header.Quality == 0 ? "fixed" : Display.Text($"{header.Quality:0.##}"))}"));
            text.WriteLine($"  model       {header.Model}");
            if (header.Degradation is { } hint) text.WriteLine($"  task        {hint.Task()}");
            text.WriteLine(Display.Text(
                $"  bytes       latents {info.LatentBytes}, hyper {info.HyperBytes}, boundary list {info.BoundaryBytes} ({info.BoundaryCount} symbols){(alpha > 0 ? Display.Text($", alpha {alpha}") : "")}{(holes > 0 ? Display.Text($", hole mask {holes}") : "")}"));
            if (Has(info, SegmentType.Exif) || Has(info, SegmentType.Xmp))
                text.WriteLine($"  metadata    {(Has(info, SegmentType.Exif) ? "EXIF " : "")}{(Has(info, SegmentType.Xmp) ? "XMP" : "")}");
        });
    }

    private static void Say(Report report, InputFile input, PictureInfo info, long bytes)
    {
        double bpp = 8.0 * bytes / info.Width / info.Height;
        var json = new JsonObject
        {
            ["input"] = input.Path,
            ["ok"] = true,
            ["format"] = Choices.Word(info.Format),
            ["width"] = info.Width,
            ["height"] = info.Height,
            ["bytes"] = bytes,
            ["bpp"] = Json.Number(bpp, 6),
            ["channels"] = info.Channels,
            ["bits"] = info.BitsPerChannel,
            ["alpha"] = info.HasAlpha,
            ["orientation"] = info.Orientation,
            ["icc"] = info.HasIccProfile,
            ["exif"] = info.HasExif,
            ["xmp"] = info.HasXmp,
            ["images"] = info.Images,
        };
        report.Success(json, text => text.WriteLine(Display.Text(
            $"{input.Path}: {Choices.Word(info.Format)}, {info.Width}x{info.Height}, {info.Channels} x {info.BitsPerChannel} bit, {Display.Bytes(bytes)}, {bpp:0.000} bpp{(info.Images > 1 ? Display.Text($", the first of {info.Images} pictures") : "")}")));
    }

    private static bool Has(LlicInfo info, SegmentType type) => info.Segments.Any(segment => segment.Type == type);

    private static int SizeOf(LlicInfo info, SegmentType type) =>
        info.Segments.FirstOrDefault(segment => segment.Type == type)?.Payload.Length ?? 0;
}
