using LlIcm.Imaging.Interop;

namespace LlIcm.Imaging.Tests;

// Alone, because it measures the process's memory.
[CollectionDefinition(nameof(LibraryTests), DisableParallelization = true)]
[Collection(nameof(LibraryTests))]
public sealed class LibraryTests
{
    [Fact]
    public void A_library_that_is_not_there_is_explained()
    {
        var e = Assert.Throws<VipsUnavailableException>(() => VipsLibrary.Load(null, "libvips-of-nowhere.so"));
        Assert.Contains("libvips-of-nowhere.so", e.Message);
        Assert.Contains("apt-get install libvips42", e.Message);
        Assert.Contains(VipsLibrary.Variable, e.Message);
    }

    [Fact]
    public void A_library_named_by_the_user_is_not_replaced_by_another()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "not a library");
            var e = Assert.Throws<VipsUnavailableException>(() => VipsLibrary.Load(path, VipsLibrary.FileName));
            Assert.Contains(path, e.Message);
            Assert.Contains("file too short", e.Message);
            Assert.NotNull(e.InnerException);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Loading_pictures_again_and_again_does_not_grow()
    {
        byte[] file = PictureFile.Encode(TestPictures.Noise(256, 256), PictureFormat.Png);
        Work(20);
        long before = Environment.WorkingSet;
        Work(200);
        GC.Collect();
        // 200 pictures of 192 KiB, in and out: 80 MB if each were kept once.
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 30L << 20);

        void Work(int rounds)
        {
            for (int i = 0; i < rounds; i++) PictureFile.Encode(PictureFile.Load(file, "it"), PictureFormat.Tiff);
        }
    }
}
