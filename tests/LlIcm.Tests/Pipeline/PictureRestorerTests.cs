using LlIcm.Imaging;
using LlIcm.Vision;

namespace LlIcm.Tests.Pipeline;

public class PictureRestorerTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    private PictureRestorer Restorer => new(tiny.Model);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(37, 90)]
    public void AnySizeKeepsItsSize(int width, int height)
    {
        RestorationResult result = Restorer.Restore(TinyModel.Picture(width, height, alpha: true));
        Assert.Equal((width, height), (result.Picture.Width, result.Picture.Height));
        Assert.NotNull(result.Picture.Alpha);
    }

    [Fact]
    public void TheSameSeedGivesTheSamePicture()
    {
        Picture picture = TinyModel.Picture(48, 40);
        byte[] first = Restorer.Restore(picture, new RestoreOptions { Seed = 9, Steps = 3 }).Picture.Rgb;
        Assert.Equal(first, Restorer.Restore(picture, new RestoreOptions { Seed = 9, Steps = 3 }).Picture.Rgb);
    }

    [Fact]
    public void TheDegradationIsNamedWithProbabilities()
    {
        RestorationResult result = Restorer.Restore(TinyModel.Picture(48, 40));
        Assert.Equal(DegradationRecognizer.PublishedWords.Order(), result.Degradations.Select(each => each.Word).Order());
        Assert.Equal(1, result.Degradations.Sum(each => each.Probability), 1e-3);
        Assert.Equal(result.Degradations[0].Word, result.Degradation);
        Assert.Equal(PictureRestorer.TaskOf(result.Degradation), result.Task);
    }

    [Fact]
    public void AGivenTaskOverridesTheRecognisedOne()
    {
        RestorationResult result = Restorer.Restore(TinyModel.Picture(48, 40), new RestoreOptions { Task = RestorationTask.Desnow });
        Assert.Equal(RestorationTask.Desnow, result.Task);
    }

    [Fact]
    public void InpaintingKeepsWhatIsKnown()
    {
        Picture picture = TinyModel.Picture(40, 40);
        byte[] mask = [.. Enumerable.Range(0, 40 * 40).SelectMany(i => Enumerable.Repeat((byte)(i % 40 < 20 ? 255 : 0), 3))];
        RestorationResult result = Restorer.Restore(picture, new RestoreOptions { Mask = new Picture(40, 40, mask) });
        Assert.Equal(RestorationTask.Inpaint, result.Task);
        for (int y = 0; y < 40; y++)
            Assert.Equal(picture.Rgb[(y * 120)..(y * 120 + 60)], result.Picture.Rgb[(y * 120)..(y * 120 + 60)]);
    }

    [Fact]
    public void PaintedHolesAreFoundOnRequest()
    {
        Picture picture = TinyModel.Picture(40, 40);
        for (int y = 10; y < 20; y++) picture.Rgb.AsSpan((y * 40 + 10) * 3, 30).Fill(255);
        Assert.Equal(
            RestorationTask.Inpaint, Restorer.Restore(picture, new RestoreOptions { FindPaintedHoles = true }).Task);
    }

    [Fact]
    public void AMaskOfAnotherSizeIsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => Restorer.Restore(
            TinyModel.Picture(40, 40), new RestoreOptions { Mask = TinyModel.Picture(8, 8) }));
        Assert.Contains("8x8", error.Message, StringComparison.Ordinal);
    }
}
